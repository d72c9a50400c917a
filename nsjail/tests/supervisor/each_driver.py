"""One test class a driver and start: `@each_driver` on a class makes `Name_process_warm`, `Name_process_cold`,
`Name_sampling_warm` and so on, up to `Name_docker_cold`."""

import sys
import unittest

from .slots import COLD_DRIVERS, DRIVERS


class SlotTest(unittest.TestCase):
    """Tests that share one slot of their driver: each leaves it ready for the next job."""

    driver = None
    maxDiff = None
    shares_slot = True

    @classmethod
    def setUpClass(cls):
        refusal = cls.driver.refusal()
        if refusal:
            raise unittest.SkipTest(f"{cls.driver.name}: {refusal}")
        if cls.shares_slot:
            cls.slot = cls.driver.start()
            cls.addClassCleanup(cls.slot.close)

    def run_file(self, name, folder="containment", **request):
        """Runs a script and, after it, one that must succeed on the same slot."""
        result = self.slot.run_file(name, folder, **request)
        following = self.slot.run_file("hello")
        self.assertEqual((following.result, following.stdout), ('{"msg":"done"}', b"hello\n"), "the next job on the slot")
        return result

    def assert_failed(self, result, code, **facts):
        self.assertEqual(result.code, code, (result.header, result.stderr[-500:]))
        self.assertEqual({name: result.error.get(name) for name in facts}, facts)

    def assert_returned(self, result, text):
        self.assertEqual((result.error, result.result), (None, text), result.stderr[-500:])


def each_local_driver(test_class):
    """For what can only be seen where the slot's processes are on this host."""
    return each_driver(test_class, [driver for driver in DRIVERS + COLD_DRIVERS if driver.is_local])


def each_warm_driver(test_class):
    """For what only the warm start has."""
    return each_driver(test_class, DRIVERS)


def each_local_warm_driver(test_class):
    return each_driver(test_class, [driver for driver in DRIVERS if driver.is_local])


def each_driver(test_class, drivers=tuple(DRIVERS + COLD_DRIVERS)):
    module = sys.modules[test_class.__module__]
    for driver in drivers:
        name = f"{test_class.__name__}_{driver.name}_{driver.start_name}"
        setattr(module, name, type(name, (test_class, SlotTest), {"driver": driver, "__module__": test_class.__module__}))
    return None
