"""A root folder with a C library, a shell and a Python, and nothing of ours: what a stranger's machine has at least."""

import os
import pathlib
import re
import shutil
import subprocess

PROGRAMS = ("bash", "cat", "env", "find", "ls", "rm", "sh", "true")
PACKAGES = ("libc6", "libc-bin", "libgcc-s1", "libstdc++6")  # every machine with a C++ program has them


def output_of(*command) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def enter(root: pathlib.Path, *command, limit: float = 300, **variables: str) -> subprocess.CompletedProcess:
    """Runs a command in there, in an environment of these variables alone, with a /proc of its own: $ORIGIN is read from it."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    change = ["unshare", *user, "--mount", "--pid", "--fork", "--kill-child", "bash", "-c",
              'mount -t proc proc "$1/proc" && exec chroot "$@"', "bash", str(root)]
    settings = [f"{name}={value}" for name, value in variables.items()]
    return subprocess.run([*change, "/usr/bin/env", "-i", *settings, *map(str, command)], stdin=subprocess.DEVNULL,
                          env=os.environ | {"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"},
                          capture_output=True, text=True, timeout=limit)


def place(root: pathlib.Path, file: pathlib.Path):
    """Copies a file, or the link that it is and what it leads to, to where it lies here."""
    to = root / file.parent.resolve().relative_to("/") / file.name
    if os.path.lexists(to):
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file, to, follow_symlinks=False)
    if file.is_symlink():
        place(root, file.resolve())


def place_program(root: pathlib.Path, file: pathlib.Path):
    place(root, file)
    for library in re.findall(r"(/\S+) \(0x", output_of("ldd", file)):
        place(root, pathlib.Path(library))


def files_of(package: str) -> list[pathlib.Path]:
    lines = map(pathlib.Path, output_of("dpkg", "-L", package).splitlines())
    return [p for p in lines if not p.is_dir() and p.exists() and not p.is_relative_to("/usr/share")]


def place_device(root: pathlib.Path, name: str):
    """/dev/null and its kin; an ordinary file where making devices is not allowed."""
    path, original = root / "dev" / name, os.stat(f"/dev/{name}")
    try:
        os.mknod(path, original.st_mode, original.st_rdev)
        path.open("rb").close()
    except OSError:
        path.unlink(missing_ok=True)
        path.touch()


def make(root: pathlib.Path):
    for name in ("usr/bin", "usr/lib", "usr/lib64", "usr/sbin", "tmp", "dev", "proc", "etc", "root"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        if pathlib.Path("/", name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    for name in ("null", "zero", "urandom"):
        place_device(root, name)
    for name in PROGRAMS:
        place_program(root, pathlib.Path("/usr/bin", name))
    python = pathlib.Path("/usr/bin/python3")
    place_program(root, python)
    version = python.resolve().name
    for package in (*PACKAGES, f"lib{version}-minimal", f"lib{version}-stdlib"):
        for file in files_of(package):
            place(root, file)


def link_or_copy(source: pathlib.Path, to: pathlib.Path):
    """For large files: a second name where the file system allows it."""
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source.resolve(), to)
    except OSError:
        subprocess.run(["cp", "--reflink=auto", str(source.resolve()), str(to)], check=True)
