@echo off
node "%~dp0..\scripts\setup.mjs" 1>&2 || exit /b 1
"%~dp0..\.node\node_modules\node\bin\node.exe" "%~dp0..\packages\cli\src\main.ts" %*
