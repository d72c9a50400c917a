import asyncio

calls = []


async def main():
    await asyncio.sleep(0)
    calls.append(1)
    return len(calls)


if __name__ == "__main__":
    asyncio.run(main())
