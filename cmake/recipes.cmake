# recipe_texts.h: data/recipes/*.toml as string literals, for a program that is run from anywhere.
file(GLOB recipes CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/data/recipes/*.toml)
set(GAN_RECIPES "")
foreach(recipe IN LISTS recipes)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${recipe})
  cmake_path(GET recipe STEM name)
  file(READ ${recipe} text)
  string(APPEND GAN_RECIPES "    {\"${name}\", R\"toml(${text})toml\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/recipe_texts.h @ONLY CONTENT [[
#pragma once
#include <string_view>

namespace gan {

struct RecipeText {
  std::string_view name, text;
};
inline constexpr RecipeText kRecipes[] = {
@GAN_RECIPES@};

}  // namespace gan
]])
