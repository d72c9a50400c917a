import __main__

__main__.main = lambda: 'attribute'
