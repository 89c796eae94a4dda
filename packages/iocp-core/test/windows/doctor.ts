import '../../src/doctor/main.ts'
