import asyncio


async def work():
    return "worked"


def main():
    print("main")
    return work()


asyncio.run(main())
