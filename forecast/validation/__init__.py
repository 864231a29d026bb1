"""How good forecasts were: scores, calibration, baselines, backtests, frozen forecasts."""
