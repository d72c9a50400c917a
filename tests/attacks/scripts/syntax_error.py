def main(:
  return
