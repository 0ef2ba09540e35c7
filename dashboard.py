"""TAS Analytics: start with `make run`, or `streamlit run dashboard.py`.

Streamlit runs this file as `__main__` for every visit, and its server imports it once as a module
to find `app`.
"""

import streamlit as st

from tas_analytics.ui import frame

if __name__ == "__main__":
    frame.run()
else:
    app = st.App("dashboard.py", lifespan=frame.lifespan, middleware=frame.MIDDLEWARE, on_script_error=frame.on_error)
