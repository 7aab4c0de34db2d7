using System.Text;
using Aegis.Scanning.Normalizing;

namespace Aegis.Tools.Arguments;

/// <summary>
/// A pattern over a whole value: <c>*</c> is any run of characters, <c>?</c> is one. Case does not count, but no letter outside ASCII is one inside it.
/// Unlike a glob over tools it folds nothing else: <c>-</c>, <c>_</c> and <c>.</c> differ.
/// </summary>
internal sealed class ValueGlob
{
    public const int MaxLength = 256;

    /// <summary>Longer values match nothing, so that the work is bounded.</summary>
    private const int MaxValue = 32_768;

    private readonly string _pattern;
    private readonly string? _skeleton;
    private readonly bool _isAddress;
    private readonly bool _isDenial;

    private ValueGlob(string text, bool isDenial)
    {
        _pattern = text;
        _isDenial = isDenial;
        _isAddress = text.Contains('@');
        _skeleton = isDenial ? SkeletonOf(text) : null;
    }

    /// <summary>For permissions: a wildcard stands for nothing that could begin another value.</summary>
    public static ValueGlob Permission(string text) => new(text, isDenial: false);

    /// <summary>For denials: a wildcard stands for anything, and a look-alike matches too.</summary>
    public static ValueGlob Denial(string text) => new(text, isDenial: true);

    public static bool IsExact(string text) => !text.AsSpan().ContainsAny('*', '?');

    /// <summary>The form in which globs are compared with each other.</summary>
    public static string Canonical(string text) => string.Concat(text.Select(Folded));

    public bool Matches(string value) => Matches(_pattern, value);

    /// <summary>Whether any of some denials matches a value, or what it looks like.</summary>
    /// <param name="denials">The denials.</param>
    /// <param name="value">The value.</param>
    /// <param name="skeleton">As it looks: see <see cref="SkeletonOf"/>.</param>
    public static bool AnyMatches(ValueGlob[] denials, string value, string skeleton) => Array.Exists(denials, glob => glob.Matches(glob._pattern, value) || glob.Matches(glob._skeleton!, skeleton));

    /// <summary>A value as it looks. Of ASCII it is the value, however patterns look.</summary>
    public static string SkeletonOf(string value) => Ascii.IsValid(value) ? value : Confusables.Skeleton(value);

    private bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> value)
    {
        if (value.Length > MaxValue)
        {
            return _isDenial;
        }

        int p = 0, v = 0, star = -1, resume = 0;
        while (v < value.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = v;
            }
            else if (p < pattern.Length && (pattern[p] == '?' ? MayStandFor(value[v]) : Folded(pattern[p]) == Folded(value[v])))
            {
                p++;
                v++;
            }
            else if (star >= 0 && MayStandFor(value[resume]))
            {
                p = star + 1;
                v = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].Trim('*').IsEmpty;
    }

    private bool MayStandFor(char c) => _isDenial || !(char.IsControl(c) || c is '\u2028' or '\u2029'
        || (_isAddress && (char.IsWhiteSpace(c) || c is '@' or ',' or ';' or ':' or '<' or '>' or '(' or ')' or '[' or ']' or '"' or '\\' or '%' or '!' or '|' || (!char.IsAscii(c) && !char.IsLetterOrDigit(c) && !char.IsSurrogate(c)))));   // routes of mail, and marks that are read as one of these

    private static char Folded(char c) =>
        char.IsAscii(c) ? char.ToLowerInvariant(c)
        : char.ToLowerInvariant(c) is var lower && char.IsAscii(lower) ? c : lower;   // a Kelvin sign is no k
}
