@echo off
node "%~dp0..\scripts\setup.mjs" 1>&2 || exit /b 1
if not defined NODE_COMPILE_CACHE set "NODE_COMPILE_CACHE=%~dp0..\node_modules\.cache\shoal"
"%~dp0..\.node\node_modules\node\bin\node.exe" "%~dp0..\packages\cli\src\main.ts" %*
