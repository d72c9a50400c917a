def main():
    return {}['x']


main()
print('never')
