//! A file manager as far as the tests need one: a window from which the files are dragged whose URIs are its arguments.

#[cfg(target_os = "linux")]
mod source {
    use std::env;

    use gtk::gdk::{DragAction, EventMask, ModifierType};
    use gtk::{EventBox, TargetEntry, TargetFlags, Window, WindowType, prelude::*};

    /// Shows the window until somebody closes it.
    pub fn run() {
        gtk::init().expect("a display");
        let files: Vec<String> = env::args().skip(1).collect();
        let area = EventBox::new();
        area.add_events(EventMask::BUTTON_PRESS_MASK);
        let target = TargetEntry::new("text/uri-list", TargetFlags::OTHER_APP, 0);
        area.drag_source_set(ModifierType::BUTTON1_MASK, &[target], DragAction::COPY);
        area.connect_drag_data_get(move |_, _, data, _, _| {
            let uris: Vec<&str> = files.iter().map(String::as_str).collect();
            data.set_uris(&uris);
        });
        let window = Window::new(WindowType::Toplevel);
        window.set_title("Drag Source");
        window.set_default_size(200, 100);
        window.add(&area);
        window.connect_destroy(|_| gtk::main_quit());
        window.show_all();
        gtk::main();
    }
}

fn main() {
    #[cfg(target_os = "linux")]
    source::run();
}
