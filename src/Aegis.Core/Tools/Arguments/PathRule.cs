using Aegis.Policies;

namespace Aegis.Tools.Arguments;

/// <summary>Which files may be named. Immutable.</summary>
internal sealed class PathRule
{
    private readonly CanonicalPath[]? _under;
    private readonly CanonicalPath? _base;
    private readonly bool? _isWindows;
    private readonly ValueGlob[] _deniedPaths;
    private readonly ValueGlob[] _deniedNames;

    public PathRule(ArgumentPathPolicy policy)
    {
        _under = policy.Under?.Select(static folder => CanonicalPath.TryParse(folder)!).ToArray();
        _base = policy.Base is null ? null : CanonicalPath.TryParse(policy.Base);
        _isWindows = (_base ?? _under?.FirstOrDefault())?.IsWindows;
        string[] deny = [.. policy.Deny.Select(static glob => glob.Replace('\\', '/'))];
        _deniedPaths = [.. deny.Where(static glob => glob.Contains('/')).Select(static glob => ValueGlob.Denial(glob.Length > 1 ? glob.TrimEnd('/') : glob))];
        _deniedNames = [.. deny.Where(static glob => !glob.Contains('/')).Select(ValueGlob.Denial)];
    }

    /// <summary>Adds what does not hold for a path.</summary>
    public void Check(string text, ArgumentRule rule, ArgumentFindings findings)
    {
        if (CanonicalPath.Readings(text, _isWindows ?? CanonicalPath.LooksLikeWindows(text), _base, out var readings) is { } mistake)
        {
            rule.Fail(findings, "arguments/path", "path", mistake, isUnreadable: true);
            return;
        }

        if (_under is not null && !readings.TrueForAll(path => Array.Exists(_under, path.IsUnder)))
        {
            rule.Fail(findings, "arguments/path", "path.under", "is outside");
        }

        if (readings.Exists(IsDenied))
        {
            rule.Fail(findings, "arguments/path", "path.deny", "is denied");
        }
    }

    private bool IsDenied(CanonicalPath path)
    {
        // A stream of a file is the file.
        string[] whole = [.. path.Names.Select(static name => name.IndexOf(':', StringComparison.Ordinal) is > 0 and var stream ? name[..stream] : name)];
        return Denied(path.Names) || (!whole.SequenceEqual(path.Names, StringComparer.Ordinal) && Denied(whole));

        bool Denied(IReadOnlyList<string> names)
        {
            var (folder, shown) = (path.Root.TrimEnd('/'), path.Root.TrimEnd('/'));
            if (ValueGlob.AnyMatches(_deniedPaths, path.Root, path.Root) || ValueGlob.AnyMatches(_deniedPaths, folder, shown))
            {
                return true;
            }

            foreach (var name in names)
            {
                var skeleton = ValueGlob.SkeletonOf(name);
                (folder, shown) = ($"{folder}/{name}", $"{shown}/{skeleton}");
                if (ValueGlob.AnyMatches(_deniedNames, name, skeleton) || ValueGlob.AnyMatches(_deniedPaths, folder, shown))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
