globals()['main'] = lambda: 'set'
