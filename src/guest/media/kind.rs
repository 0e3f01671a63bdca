//! Which content comes through: pictures, sound, films, fonts and plain bytes, and nothing that a browser could open as a document.

/// The types beside `image/…`, `audio/…`, `video/…` and `font/…`.
const OTHERS: [&str; 6] = [
    "application/octet-stream",
    "application/ogg",
    "application/vnd.apple.mpegurl",
    "application/vnd.mapbox-vector-tile",
    "application/x-protobuf",
    "text/vtt",
];

/// Whether content of a type may go to an element. XML may not, whatever else it is: SVG runs scripts where it is a document.
pub(super) fn is_media(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim_matches([' ', '\t']).to_ascii_lowercase();
    let Some((family, name)) = essence.split_once('/') else {
        return false;
    };
    // A webview may read something else out of what is not a type, such as a list of types.
    if content_type.contains(',') || !is_token(family) || !is_token(name) {
        return false;
    }
    let is_document = ["xml", "html", "svg", "pdf", "mhtml"]
        .iter()
        .any(|document| name.contains(document));
    let is_family = matches!(family, "image" | "audio" | "video" | "font");
    !is_document && (is_family || OTHERS.contains(&essence.as_str()))
}

/// Whether a text may stand on a side of the slash (RFC 6838, 4.2).
fn is_token(text: &str) -> bool {
    let mut bytes = text.bytes();
    !text.is_empty()
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::is_media;

    #[test]
    fn pictures_sound_films_fonts_and_bytes_come_through() {
        for content_type in [
            "image/png",
            "Image/PNG; q=1",
            "image/vnd.microsoft.icon",
            "audio/mpeg",
            "video/mp4;codecs=\"avc1.42E01E\"",
            "font/woff2",
            "application/octet-stream",
            "application/x-protobuf",
            "text/vtt; charset=utf-8",
        ] {
            assert!(is_media(content_type), "{content_type}");
        }
    }

    #[test]
    fn what_could_be_a_document_or_is_no_type_does_not() {
        for content_type in [
            "",
            "text/html",
            "text/plain",
            "text/css",
            "text/xml",
            "text/javascript",
            "application/json",
            "application/pdf",
            "application/xhtml+xml",
            "application/xml",
            "image/svg+xml",
            "IMAGE/SVG+XML ; x=image/png",
            "image/svg",
            "image/xhtml",
            "video/html",
            "audio/xml",
            "image/anything+xml",
            "image/pdf",
            "multipart/x-mixed-replace; boundary=x",
            "message/rfc822",
            "image",
            "image/",
            "/png",
            "image/png, text/html",
            "text/html, image/png",
            "image/png;x=\",text/html\"",
            "image/p ng",
            "image/png\u{0}",
            "*/*",
        ] {
            assert!(!is_media(content_type), "{content_type}");
        }
    }
}
