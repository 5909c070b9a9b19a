// Path in a bank directory and text of each file of the library: the one list, for whoever writes them there.
[
    ("traits/activity.toml", include_str!("activity.toml")),
    ("traits/balances.toml", include_str!("balances.toml")),
    ("traits/channels.toml", include_str!("channels.toml")),
    ("traits/credit.toml", include_str!("credit.toml")),
    ("traits/income.toml", include_str!("income.toml")),
    ("traits/products.toml", include_str!("products.toml")),
    ("traits/service.toml", include_str!("service.toml")),
    ("traits/spending.toml", include_str!("spending.toml")),
    ("traits/stability.toml", include_str!("stability.toml")),
    ("traits/worth.toml", include_str!("worth.toml")),
]
