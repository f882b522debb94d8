// SPDX-License-Identifier: Apache-2.0
#include "apps/slot_timing.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace pado::apps {

namespace {

constexpr double width = 960;
constexpr double left = 150;
constexpr double right = 20;
constexpr double row = 11;
constexpr double panel_gap = 16;
constexpr double top = 66;

constexpr const char* style = R"(<style>
svg { background: #fff; font: 12px sans-serif; }
text { fill: #222; } .small { font-size: 10px; fill: #555; } .title { font-size: 15px; font-weight: bold; }
.grid { stroke: #ddd; } .air { fill: #c9c9c9; } .zero { stroke: #888; stroke-dasharray: 3 3; }
.window { fill: #bcd9f2; } .range { stroke: #1b4f83; stroke-width: 3; stroke-opacity: .45; }
.control { fill: #b4530a; } .user { fill: #123f6d; }
@media (prefers-color-scheme: dark) {
  svg { background: #161616; } text { fill: #eee; } .small { fill: #aaa; } .grid { stroke: #333; } .air { fill: #555; }
  .window { fill: #1d3d5c; } .range { stroke: #7db7ec; } .control { fill: #f2a35e; } .user { fill: #a8d1f7; }
}
</style>
)";

std::int64_t symbol_ns(const cell_config& cell, std::int32_t symbol)
{
  return cell.carrier.scs.slot_ns() * symbol / nof_symbols_per_slot;
}

/// A time span, in nanoseconds from the begin of the slot.
struct span_ns {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// T1a before the first symbol that a message asks for.
std::optional<span_ns> control_window(const cell_config& cell, std::int32_t symbol)
{
  if (!cell.link) {
    return std::nullopt;
  }
  return span_ns{symbol_ns(cell, symbol) - std::int64_t{1000} * cell.link->t1a_max_us,
                 symbol_ns(cell, symbol) - std::int64_t{1000} * cell.link->t1a_min_us};
}

/// Ta4 of a symbol.
std::optional<span_ns> user_window(const cell_config& cell, std::int32_t symbol)
{
  const auto& window = cell.fronthaul->window;
  if (!window) {
    return std::nullopt;
  }
  const std::int64_t from = symbol_ns(cell, window->from == window_from::symbol_end ? symbol + 1 : symbol);
  return span_ns{from + std::int64_t{1000} * window->begin_us, from + std::int64_t{1000} * window->end_us};
}

class drawing {
public:
  drawing(const slot_timing& timing, const cell_config& cell) : timing_(timing), cell_(cell)
  {
    span_.end = cell.carrier.scs.slot_ns();
    for (const auto& [key, range] : timing.control) {
      cover({range.low_ns, range.high_ns});
      cover(control_window(cell, key.second).value_or(span_ns{}));
    }
    for (const auto& [key, range] : timing.user) {
      cover({range.low_ns, range.high_ns});
      cover(user_window(cell, key.second).value_or(span_ns{}));
    }
    const std::int64_t margin = (span_.end - span_.begin) / 50;
    span_ = {span_.begin - margin, span_.end + margin};
  }

  std::string draw()
  {
    double y = top;
    label(y, "on air");
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      box("air", {symbol_ns(cell_, symbol), symbol_ns(cell_, symbol + 1)}, y, 1.0);
    }
    y += row + panel_gap;
    for (std::size_t port = 0; port < cell_.fronthaul->eaxc_pusch.size(); ++port) {
      y = draw_control(static_cast<std::int32_t>(port), y);
    }
    for (std::size_t port = 0; port < cell_.fronthaul->eaxc_pusch.size(); ++port) {
      y = draw_user(static_cast<std::int32_t>(port), y);
    }
    return frame(y);
  }

private:
  void cover(span_ns span) { span_ = {std::min(span_.begin, span.begin), std::max(span_.end, span.end)}; }

  double x(std::int64_t ns) const
  {
    return left + (width - left - right) * static_cast<double>(ns - span_.begin) /
                      static_cast<double>(span_.end - span_.begin);
  }

  void box(const char* kind, span_ns span, double y, double gap)
  {
    body_ +=
        fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
                    kind,
                    x(span.begin),
                    y,
                    std::max(0.5, x(span.end) - x(span.begin) - gap),
                    row - 1);
  }

  void label(double y, const std::string& text)
  {
    body_ += fmt::format("<text x=\"8\" y=\"{:.1f}\">{}</text>\n", y + row - 1, text);
  }

  /// Messages of the shown slot, over the range of all slots.
  void marks(const char* kind, const arrival_range& range, double y)
  {
    const double middle = y + row / 2 - 0.5;
    body_ += fmt::format("<line class=\"range\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
                         x(range.low_ns),
                         x(range.high_ns) + 0.1,
                         middle,
                         middle);
    for (const std::int64_t ns : range.shown_ns) {
      body_ += fmt::format(
          "<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{:.1f} us</title></circle>\n",
          kind,
          x(ns),
          middle,
          1e-3 * static_cast<double>(ns));
    }
  }

  double draw_control(std::int32_t port, double y)
  {
    const double begin = y;
    for (const auto& [key, range] : timing_.control) {
      if (key.first == port) {
        if (const auto window = control_window(cell_, key.second)) {
          box("window", *window, y, 0.0);
        }
        body_ +=
            fmt::format("<text class=\"small\" x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">from symbol "
                        "{}</text>\n",
                        left - 8,
                        y + row - 1,
                        key.second);
        marks("control", range, y);
        y += row + 1;
      }
    }
    if (y > begin) {
      label(begin, fmt::format("C-plane {}", cell_.fronthaul->eaxc_pusch[static_cast<std::size_t>(port)]));
      y += panel_gap / 2;
    }
    return y;
  }

  double draw_user(std::int32_t port, double y)
  {
    label(y, fmt::format("U-plane {}", cell_.fronthaul->eaxc_pusch[static_cast<std::size_t>(port)]));
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol, y += row) {
      if (const auto window = user_window(cell_, symbol)) {
        box("window", *window, y, 0.0);
      }
      box("air", {symbol_ns(cell_, symbol), symbol_ns(cell_, symbol + 1)}, y, 0.0);
      body_ += fmt::format(
          "<text class=\"small\" x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">symbol {}</text>\n",
          left - 8,
          y + row - 1,
          symbol);
      if (const auto found = timing_.user.find({port, symbol}); found != timing_.user.end()) {
        marks("user", found->second, y);
      }
    }
    return y + panel_gap;
  }

  /// Title, legend and time axis around what was drawn down to `bottom`.
  std::string frame(double bottom) const
  {
    const std::string title = fmt::format("Uplink slot {}.{}, and the range of {} slots",
                                          timing_.slot.sfn,
                                          timing_.slot.slot,
                                          timing_.nof_slots);
    std::string out =
        fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" "
                    "aria-label=\"{}\">\n",
                    width,
                    bottom + 40,
                    title);
    out += style;
    out += fmt::format("<text class=\"title\" x=\"8\" y=\"22\">{}</text>\n", title);
    out += "<text class=\"small\" x=\"8\" y=\"40\">grey: the symbol on air · blue: window (T1a of the "
           "C-plane, Ta4 of the "
           "U-plane) · dot: message of this slot · bar: 1 to 99 % of all slots</text>\n";
    const auto span_us = 1e-3 * static_cast<double>(span_.end - span_.begin);
    const double decade = std::pow(10.0, std::floor(std::log10(span_us / 6)));
    const double per_step = span_us / 6 / decade;
    const double step = decade * (per_step < 2 ? 1 : per_step < 5 ? 2 : 5);
    const auto first = static_cast<std::int64_t>(std::ceil(1e-3 * static_cast<double>(span_.begin) / step));
    const auto last = static_cast<std::int64_t>(std::floor(1e-3 * static_cast<double>(span_.end) / step));
    for (std::int64_t i = first; i <= last; ++i) {
      const double at = x(static_cast<std::int64_t>(1000.0 * step * static_cast<double>(i)));
      out += fmt::format(
          "<line class=\"{}\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.0f}\" y2=\"{:.0f}\"/>\n"
          "<text class=\"small\" x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{:.0f}</text>\n",
          i == 0 ? "zero" : "grid",
          at,
          at,
          top - 8,
          bottom + 4,
          at,
          bottom + 18,
          step * static_cast<double>(i));
    }
    out += fmt::format(
        "<text class=\"small\" x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"end\">us from the begin of the slot "
        "on air</text>\n",
        width - right,
        bottom + 34);
    return out + body_ + "</svg>\n";
  }

  const slot_timing& timing_;
  const cell_config& cell_;
  span_ns span_;
  std::string body_;
};

} // namespace

std::string slot_timing_svg(const slot_timing& timing, const cell_config& cell)
{
  return drawing(timing, cell).draw();
}

} // namespace pado::apps
