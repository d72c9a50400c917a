async def main():
    return await nothing
