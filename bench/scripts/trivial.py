def main():
    return {"msg": "done"}
