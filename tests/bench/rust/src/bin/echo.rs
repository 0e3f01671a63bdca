//! `echo <socket>`: gives back what comes, each message behind its length in four bytes, with tokio on one thread.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    runtime,
};

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).expect("usage: echo <socket>");
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = UnixListener::bind(path)?;
        println!("ready");
        loop {
            let (stream, _) = listener.accept().await?;
            // The other side ends it, whenever it likes.
            let _ended = echo(stream).await;
        }
    })
}

async fn echo(mut stream: UnixStream) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut filled = 0;
    loop {
        let count = stream.read(&mut buffer[filled..]).await?;
        if count == 0 {
            return Ok(());
        }
        filled += count;
        let Some((length, _)) = buffer[..filled].split_first_chunk() else {
            continue;
        };
        let whole = 4 + u32::from_be_bytes(*length) as usize;
        if filled >= whole {
            stream.write_all(&buffer[..whole]).await?;
            buffer.copy_within(whole..filled, 0);
            filled -= whole;
        }
    }
}
