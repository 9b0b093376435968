"""The language of mapping files, pure: one file describes one upstream, each rule of it is read both ways."""
