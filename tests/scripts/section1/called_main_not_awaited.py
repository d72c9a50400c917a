import gc
import warnings

warnings.simplefilter("ignore")


async def main():
    return "awaited after all"


main()
gc.collect()
