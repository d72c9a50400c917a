import asyncio
import time


async def late():
    await asyncio.sleep(60)


async def main():
    asyncio.ensure_future(late())
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)
    await asyncio.sleep(0)
    return "now"
