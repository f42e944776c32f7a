"""Who is told what is new: fitting needs for firms, saved searches for anybody, at once or gathered."""
