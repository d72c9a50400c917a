"""What must not be in the image, as JSON: run in it as root."""

import importlib.util
import json
import os
import re
import stat

TOOLS = re.compile(
    r"(.*-)?(cc|gcc|g\+\+|c\+\+|cpp|clang|tcc|as|ld|ld\.gold|ld\.bfd|lld|make|cmake|rustc|cargo|go|javac|perl\d?.*|pip\d?[.\d]*|uv|conda"
    r"|npm|npx|corepack|yarn|pnpm|apt|apt-get|dpkg|rpm|apk|curl|wget|ssh|su|sudo|mount|umount|unshare|nsenter|chroot|docker|gdb|strace)$"
)
found = {"privileged": [], "writable": [], "tools": [], "uncompiled": []}

for folder, folders, files in os.walk("/"):
    if folder == "/":
        folders[:] = sorted(set(folders) - {"proc", "sys", "dev"})
    for name in files + folders:
        path = os.path.join(folder, name)
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            continue
        if status.st_mode & 0o6000 or "security.capability" in os.listxattr(path, follow_symlinks=False):
            found["privileged"].append(path)
        if status.st_mode & 0o022 and path != "/tmp":
            found["writable"].append(path)
    for name in files:
        path = os.path.join(folder, name)
        if TOOLS.match(name) and os.access(path, os.X_OK):
            found["tools"].append(path)
        if name.endswith(".py") and re.match(r"/(usr|opt)/", path):
            if not os.path.exists(importlib.util.cache_from_source(path)):
                found["uncompiled"].append(path)

for module in ("pip", "ensurepip", "setuptools", "distutils"):
    if importlib.util.find_spec(module) is not None:
        found["tools"].append(module)

print(json.dumps(found))
