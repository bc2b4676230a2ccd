"""What the installation was when the zygote started: a direct run would see packages that came since."""
import os
import sys


modules = load("modules")


def folders_of_site():
    site = sys.modules.get("site")
    if site is None:
        return []
    folders = list(site.getsitepackages()) if hasattr(site, "getsitepackages") else []
    return folders + ([site.USER_SITE] if site.USER_SITE else [])


def take_stamps():
    """Everything that decides how the interpreter starts, for frames.unchanged()."""
    home = os.path.dirname(sys.executable)
    paths = [os.path.realpath(sys.executable), home + "/pyvenv.cfg", os.path.dirname(home) + "/pyvenv.cfg"]
    for folder in dict.fromkeys(sys.path + folders_of_site()):
        paths.append(folder)
        if os.path.isdir(folder):
            paths += [folder + "/" + name for name in os.listdir(folder) if name.endswith(".pth")]
    return b"".join(modules.packed_stamp(path) for path in dict.fromkeys(paths))
