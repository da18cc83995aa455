"""How addresses outside are told of events: written down with what happened, signed, sent, and sent again."""
