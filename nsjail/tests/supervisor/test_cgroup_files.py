"""What the kernel's files say, for every arrangement that is met."""

import os
import tempfile
import unittest

import cgroup_places
from memory import cgroup_v1, cgroup_v2

V1_MEMBERSHIP = "9:name=systemd:/\n4:memory:/docker/abc\n2:cpu,cpuacct:/x\n0::/\n"
MOUNTS = (
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro,nosuid shared:3 master:2 - cgroup cgroup rw,memory\n"
    "36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "41 31 0:38 / /mnt/with\\040space rw - cgroup2 cgroup2 rw\n"
)


class Places(unittest.TestCase):
    def test_memberships(self):
        self.assertEqual(cgroup_places.parse_memberships(V1_MEMBERSHIP),
                         {"name=systemd": "/", "memory": "/docker/abc", "cpu": "/x", "cpuacct": "/x", "": "/"})
        self.assertEqual(cgroup_places.parse_memberships("0::/user.slice/a:b.scope\n"), {"": "/user.slice/a:b.scope"})

    def test_mounts(self):
        found = cgroup_places.parse_mounts(MOUNTS)
        self.assertEqual(found[1], ("/docker/abc", "/sys/fs/cgroup/memory", "cgroup", ["rw", "memory"]))
        self.assertEqual(found[3][1], "/mnt/with space")

    def test_folders(self):
        for membership, root, expected in (
            ("/docker/abc", "/docker/abc", "/m"),  # a container's own cgroup, bound over the mount
            ("/", "/", "/m"),  # a cgroup namespace
            ("/a/b", "/", "/m/a/b"),  # the host
            ("/a/b/c", "/a", "/m/b/c"),
            ("/../../x", "/", "/m"),  # outside of our cgroup namespace
            ("/a", "/b", "/m"),
        ):
            self.assertEqual(cgroup_places.folder_of(membership, root, "/m"), expected, (membership, root))


class Files(unittest.TestCase):
    def folder(self, **files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in files.items():
            with open(os.path.join(folder.name, name.replace("__", ".")), "w", encoding="ascii") as file:
                file.write(text)
        return folder.name

    def test_v1(self):
        files = cgroup_v1.Files(self.folder(
            memory__oom_control="oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", memory__usage_in_bytes="4096\n",
            memory__max_usage_in_bytes="8192\n", memory__stat="cache 9\nrss 100\nshmem 20\ntotal_rss 7\n",
            memory__kmem__usage_in_bytes="5\n"), writable=False)
        self.assertEqual((files.oom_kills(), files.usage_bytes(), files.high_water_bytes(), files.held_bytes(), files.kernel_bytes()),
                         (3, 4096, 8192, 120, 5))

    def test_v1_writes_memory_and_swap_in_the_order_that_the_kernel_takes(self):
        folder = self.folder(memory__limit_in_bytes="", memory__memsw__limit_in_bytes="", memory__oom_control="", memory__stat="")
        files, written = cgroup_v1.Files(folder, writable=True), []
        files.write = lambda name, value: written.append((name, value))
        for limit in (100, 100, 200, 50):
            files.set_limit(limit)
        both = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
        self.assertEqual(written, [(name, 100) for name in both] + [(name, 200) for name in reversed(both)] + [(name, 50) for name in both])

    def test_v2(self):
        files = cgroup_v2.Files(self.folder(
            memory__events="low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n", memory__current="4096\n",
            memory__stat="anon 100\nfile 50\nkernel 30\nshmem 20\n"), writable=False)
        self.assertEqual((files.oom_kills(), files.usage_bytes(), files.high_water_bytes(), files.held_bytes(), files.kernel_bytes()),
                         (1, 4096, 0, 120, 30))

    def test_v2_writes_its_limit_once(self):
        folder = self.folder(memory__max="max\n", memory__swap__max="max\n", memory__events="", memory__stat="", memory__current="0")
        files = cgroup_v2.Files(folder, writable=True)
        files.set_limit(1234)
        with open(os.path.join(folder, "memory.max"), encoding="ascii") as file:
            self.assertEqual(file.read(), "1234")
        with open(os.path.join(folder, "memory.swap.max"), encoding="ascii") as file:
            self.assertTrue(file.read().startswith("0"))

    def test_a_limit_that_is_not_ours_to_write_is_left_alone(self):
        for module in (cgroup_v1, cgroup_v2):
            files = module.Files(self.folder(memory__stat=""), writable=False)
            files.write = self.fail
            files.set_limit(1)
