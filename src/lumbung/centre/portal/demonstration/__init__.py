"""A season played for show: who takes part in it is made up and named so; what they do goes through the centre's services."""
