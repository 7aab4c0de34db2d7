using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Aegis.Flow.Placeholders;

/// <summary>The values of one session that stand behind placeholders. Only added to; at most <see cref="MaxValues"/> and <see cref="MaxCharacters"/>, then no more. Thread-safe.</summary>
internal sealed class SessionPlaceholders
{
    public const int MaxValues = 256;
    public const int MaxCharacters = 16_384;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _placeholders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private SearchValues<string>? _search;
    private int _characters;

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _values.Count == 0;
            }
        }
    }

    /// <summary>Placeholders and what they stand for.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Values
    {
        get
        {
            lock (_lock)
            {
                return [.. _values];
            }
        }
    }

    /// <summary>Those that were there, for a replay.</summary>
    public static SessionPlaceholders Of(IEnumerable<KeyValuePair<string, string>> values)
    {
        var placeholders = new SessionPlaceholders();
        foreach (var (placeholder, value) in values)
        {
            placeholders._values[placeholder] = value;
            placeholders._placeholders[value] = placeholder;
            placeholders._characters += value.Length;
        }

        return placeholders;
    }

    /// <summary>What stands in place of a value: always the same; null when there is no room for another one.</summary>
    public string? For(string type, string value)
    {
        lock (_lock)
        {
            if (_placeholders.TryGetValue(value, out var known))
            {
                return known;
            }

            if (_values.Count == MaxValues || _characters + value.Length > MaxCharacters)
            {
                return null;
            }

            string made;
            do
            {
                made = Placeholder.New(type);
            }
            while (!_values.TryAdd(made, value));

            _placeholders[value] = made;
            _characters += value.Length;
            _search = null;
            return made;
        }
    }

    /// <summary>The value behind a placeholder of this session.</summary>
    public bool TryGetValue(string placeholder, [MaybeNullWhen(false)] out string value)
    {
        lock (_lock)
        {
            return _values.TryGetValue(placeholder, out value);
        }
    }

    /// <summary>A text with the values in place of those placeholders that may be replaced.</summary>
    /// <param name="text">The text.</param>
    /// <param name="mayBe">Whether the one that stands at a place of the text may be; of any type when it is left out.</param>
    public string Restored(string text, Func<TextRange, string, bool>? mayBe = null)
    {
        var found = new List<(TextRange Range, string Text)>();
        foreach (var range in Placeholder.In(text))
        {
            var placeholder = text[range.Start..range.End];
            if (TryGetValue(placeholder, out var value) && mayBe?.Invoke(range, placeholder) != false)
            {
                found.Add((range, value));
            }
        }

        return With(text, found);
    }

    /// <summary>A text with placeholders in place of the values that have one.</summary>
    public string Replaced(string text) => With(text, ValuesIn(text, ignoresCase: true));

    /// <summary>A text with others in place of some of its parts, which stand one behind the other.</summary>
    private static string With(string text, IReadOnlyList<(TextRange Range, string Text)> parts)
    {
        if (parts.Count == 0)
        {
            return text;
        }

        var (made, position) = (new StringBuilder(text.Length), 0);
        foreach (var (range, part) in parts)
        {
            made.Append(text, position, range.Start - position).Append(part);
            position = range.End;
        }

        return made.Append(text, position, text.Length - position).ToString();
    }

    /// <summary>Where values of the session stand that have a placeholder: the longest at each place, and none inside a longer word or number.</summary>
    public IReadOnlyList<(TextRange Range, string Placeholder)> ValuesIn(string text, bool ignoresCase)
    {
        var found = new List<(TextRange, string)>();
        lock (_lock)
        {
            if (_placeholders.Count == 0)
            {
                return found;
            }

            _search ??= SearchValues.Create([.. _placeholders.Keys], StringComparison.OrdinalIgnoreCase);
            var comparison = ignoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
            for (var at = 0; text.AsSpan(at).IndexOfAny(_search) is >= 0 and var next;)
            {
                at += next;
                var value = _placeholders.Keys.Where(value => text.AsSpan(at).StartsWith(value, comparison) && IsWhole(text, at, at + value.Length)).MaxBy(static value => value.Length);
                if (value is not null)
                {
                    found.Add((new(at, at + value.Length), _placeholders[value]));
                }

                at += value?.Length ?? 1;
            }
        }

        return found;
    }

    private static bool IsWhole(string text, int start, int end) =>
        !(start > 0 && char.IsLetterOrDigit(text[start - 1]) && char.IsLetterOrDigit(text[start])) && !(end < text.Length && char.IsLetterOrDigit(text[end]) && char.IsLetterOrDigit(text[end - 1]));
}
