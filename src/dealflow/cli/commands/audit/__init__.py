"""Commands by which somebody checks what others have done."""
