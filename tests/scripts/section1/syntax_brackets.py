def main(:
  return