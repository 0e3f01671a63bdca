//! Says which Python this is built for, as `cfg`s such as `Py_GIL_DISABLED`.

fn main() {
    #[cfg(feature = "python")]
    pyo3_build_config::use_pyo3_cfgs();
}
