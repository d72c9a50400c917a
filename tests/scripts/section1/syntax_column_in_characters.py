é = 'üü'; return 1
