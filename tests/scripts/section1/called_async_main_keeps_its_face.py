import asyncio
import inspect


async def main(a=1):
    return a


print(inspect.iscoroutinefunction(main), inspect.signature(main))
asyncio.run(main(4))
