"""Pictures and documents of an offering; some only for firms that have accepted a confidentiality agreement."""
