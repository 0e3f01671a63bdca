"""`python -m sidecar_bridge new`: an app that runs, from the files in `template`.

`base` is for all apps, `vanilla` and `react` for one kind of page each. Every file has `.txt` behind its name, so that
no tool takes it for the package's own; `my-app` stands for the app's name, and `@CRATE@`, `@NPM@` and `@PIP@` for
where the three packages come from. `command` fills them in, and `starting` installs what the app needs and starts it.
"""
