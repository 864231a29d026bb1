"use strict";
(() => {
  const model = JSON.parse(document.getElementById("what-if-data").textContent);
  const { people, draws, leader, sliders } = model;
  const rows = people.length, finalists = model.finalists.length;

  // Each row's coordinates: log-ratios of preference to the last finalist, then logit participation.
  const text = atob(model.bytes);
  const logit = (row, k, draw) => {
    const at = row * finalists + k;
    return model.low[at] + model.step[at] * text.charCodeAt(at * draws + draw);
  };
  const voting = [], inside = [];
  for (let r = 0; r < rows; r++) {
    voting.push(new Float64Array(draws));
    inside.push(Array.from({ length: finalists }, () => new Float64Array(draws)));
    for (let d = 0; d < draws; d++) {
      let sum = 1;
      for (let j = 0; j + 1 < finalists; j++) sum += inside[r][j][d] = Math.exp(logit(r, j, d));
      inside[r][finalists - 1][d] = 1;
      for (let j = 0; j < finalists; j++) inside[r][j][d] /= sum;
      voting[r][d] = 1 / (1 + Math.exp(-logit(r, finalists - 1, d)));
    }
  }

  const moved = (fraction, shift) => fraction / (fraction + (1 - fraction) * Math.exp(-shift));

  const turnoutOf = (a, free) => (shift) => {
    let total = 0;
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      const odds = Math.exp(-(a[r] + (free[r] ? shift : 0)));
      for (const v of voting[r]) sum += v / (v + (1 - v) * odds);
      total += people[r] * sum;
    }
    return Math.min(1, total / draws * model.ballotsPerVote / model.electorate);
  };
  const participationOf = (row) => (shift) => {
    let sum = 0;
    for (const v of voting[row]) sum += moved(v, shift);
    return sum / draws;
  };
  const preferenceOf = (row, a) => (shift) => {
    let votes = 0, all = 0;
    for (let d = 0; d < draws; d++) {
      const votesNow = moved(voting[row][d], a[row]);
      votes += votesNow * moved(inside[row][leader][d], shift);
      all += votesNow;
    }
    return votes / all;
  };

  // The shift, in logits, at which an increasing mean takes the value.
  const solve = (mean, value) => {
    let low = -30, high = 30;
    for (let i = 0; i < 40; i++) {
      const middle = (low + high) / 2;
      if (mean(middle) < value) low = middle; else high = middle;
    }
    return (low + high) / 2;
  };

  const quantile = (sorted, p) => {
    const at = p * (sorted.length - 1), k = Math.floor(at);
    return k + 1 < sorted.length ? sorted[k] + (at - k) * (sorted[k + 1] - sorted[k]) : sorted[k];
  };
  const erf = (x) => {  // Abramowitz & Stegun (1972) 7.1.26, error below 2e-7
    const t = 1 / (1 + 0.3275911 * Math.abs(x));
    const y = 1 - t * Math.exp(-x * x) *
      (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return x < 0 ? -y : y;
  };
  // How likely the lead is positive, smoothed by a kernel of fourth order: less noise, no bias in
  // the curvature.
  const positive = (lead) => {
    let sum = 0, squares = 0;
    for (const x of lead) { sum += x; squares += x * x; }
    const mean = sum / draws, width = Math.sqrt(Math.max(squares / draws - mean * mean, 1e-18)) / 3;
    sum = 0;
    for (const x of lead) {
      const u = x / width;
      sum += 0.5 * (1 + erf(u / Math.SQRT2)) + 0.5 * u * Math.exp(-u * u / 2) / Math.sqrt(2 * Math.PI);
    }
    return Math.min(Math.max(sum / draws, 0), 1);
  };

  // Everything the panel shows, from the sliders' values in percent; null leaves one as it is.
  const compute = (values) => {
    const a = new Float64Array(rows), b = new Float64Array(rows), free = new Uint8Array(rows).fill(1);
    const each = (kind, act) => sliders.forEach((slider, i) => {
      if (slider.kind === kind && values[i] !== null) act(values[i] / 100, slider.row);
    });
    each("participation", (value, r) => { a[r] = solve(participationOf(r), value); free[r] = 0; });
    each("turnout", (value) => {
      const shift = solve(turnoutOf(a, free), value);
      free.forEach((moves, r) => { if (moves) a[r] += shift; });
    });
    each("preference", (value, r) => { b[r] = solve(preferenceOf(r, a), value); });
    const share = new Float64Array(draws), turnout = new Float64Array(draws);
    const leads = Array.from({ length: finalists }, () => new Float64Array(draws));
    const votes = new Float64Array(finalists);
    for (let d = 0; d < draws; d++) {
      votes.fill(0);
      for (let r = 0; r < rows; r++) {
        const v = people[r] * moved(voting[r][d], a[r]);
        const boost = Math.exp(b[r]) - 1, rest = 1 + boost * inside[r][leader][d];
        for (let j = 0; j < finalists; j++) {
          votes[j] += v * inside[r][j][d] * (j === leader ? 1 + boost : 1) / rest;
        }
      }
      const total = votes.reduce((x, y) => x + y);
      share[d] = votes[leader] / total;
      turnout[d] = model.electorate ? Math.min(1, total * model.ballotsPerVote / model.electorate) : 0;
      for (let j = 0; j < finalists; j++) {
        let best = 0;
        for (let k = 0; k < finalists; k++) if (k !== j && votes[k] > best) best = votes[k];
        leads[j][d] = (votes[j] - best) / total;
      }
    }
    share.sort();
    turnout.sort();
    const five = (sorted) => [0.05, 0.25, 0.5, 0.75, 0.95].map((p) => quantile(sorted, p));
    return { share: five(share), turnout: five(turnout), leads };
  };

  // What the few draws miss of the page's own probabilities when nothing is moved.
  const missing = compute(sliders.map(() => null)).leads.map((lead, j) => model.wins[j] - positive(lead));

  // Words as in the rest of the page.
  const said = model.words;
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const sign = (x) => filled(said.percent, { x });
  const percent = (p) => p < 0.01 ? filled(said.less, { p: sign(1) })
    : p > 0.99 ? filled(said.more, { p: sign(99) }) : sign(Math.round(100 * p));
  const steps = [[1, 10], [1, 5], [1, 4], [1, 3], [2, 5], [1, 2], [3, 5], [2, 3], [3, 4], [4, 5], [9, 10]];
  const words = (p) => {
    if (p < 0.05) return filled(said.lessIn, { k: 1, n: p < 0.01 ? 100 : 20 });
    if (p > 0.95) return filled(said.moreIn, p > 0.99 ? { k: 99, n: 100 } : { k: 19, n: 20 });
    const [k, n] = steps.reduce((x, y) => Math.abs(y[0] / y[1] - p) < Math.abs(x[0] / x[1] - p) ? y : x);
    return filled(said.about, { k, n });
  };
  const whole = (x) => Math.round(100 * x);

  const panel = document.getElementById("what-if");
  const inputs = [...panel.querySelectorAll("input[type=range]")];
  const find = (name) => panel.querySelector(`[data-part="${name}"]`);
  const place = (name, from, to) => {
    const x = (value) => 4 + 392 * Math.min(Math.max((value - 0.2) / 0.6, 0), 1);
    find(name).setAttribute("x1", x(from));
    find(name).setAttribute("x2", x(to));
  };

  const show = () => {
    const values = inputs.map((input, i) => Number(input.value) === sliders[i].now ? null : Number(input.value));
    const { share, turnout, leads } = compute(values);
    const result = { share, turnout, wins: leads.map((lead, j) => Math.min(Math.max(positive(lead) + missing[j], 0), 1)) };
    inputs.forEach((input, i) => {
      panel.querySelector(`output[for="${input.id}"]`).textContent = sign(input.value);
      input.setAttribute("aria-valuetext", sign(input.value));
      input.classList.toggle("moved", values[i] !== null);
    });
    const [low, quarter, middle, threequarters, high] = result.share;
    find("share").textContent = sign(`${whole(low)}–${whole(high)}`);
    find("median").textContent = filled(said.median, { x: sign(whole(middle)) });
    find("words").textContent = words(result.wins[leader]);
    find("wins").textContent = percent(result.wins[leader]);
    place("wide", low, high);
    place("narrow", quarter, threequarters);
    place("middle", middle - 0.002, middle + 0.002);
    if (find("turnout")) {
      find("turnout").textContent = sign(`${whole(result.turnout[0])}–${whole(result.turnout[4])}`);
    }
    panel.dataset.result = JSON.stringify(result);
    const parts = sliders.flatMap((s, i) => values[i] === null ? [] : [`${encodeURIComponent(s.key)}=${values[i]}`]);
    find("reset").disabled = !parts.length;
    return parts.join("&");
  };
  const remember = (address) => history.replaceState(null, "", address ? `#${address}` : "#what-if");

  const read = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    inputs.forEach((input, i) => {
      const value = Number(wanted.get(sliders[i].key) ?? NaN);
      input.value = Number.isFinite(value) ? value : sliders[i].now;
    });
    show();
  };

  panel.hidden = false;
  inputs.forEach((input) => input.addEventListener("input", () => remember(show())));
  find("reset").addEventListener("click", () => {
    inputs.forEach((input, i) => { input.value = sliders[i].now; });
    remember(show());
  });
  window.addEventListener("hashchange", read);
  read();
})();
