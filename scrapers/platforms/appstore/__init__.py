"""App Store customer reviews, one storefront (country) and app per source."""
