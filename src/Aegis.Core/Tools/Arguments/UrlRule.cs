using System.Collections.Frozen;
using Aegis.Policies;

namespace Aegis.Tools.Arguments;

/// <summary>Where a URL may lead. Immutable.</summary>
internal sealed class UrlRule
{
    private static readonly FrozenSet<string> Web = new[] { "http", "https" }.ToFrozenSet(StringComparer.Ordinal);

    private readonly ArgumentUrlPolicy _policy;
    private readonly HostList? _hosts;
    private readonly ValueGlob[] _deny;
    private readonly FrozenSet<string> _schemes;

    public UrlRule(ArgumentUrlPolicy policy)
    {
        _policy = policy;
        _hosts = policy.Hosts is { } hosts ? new(hosts) : null;
        _deny = [.. policy.Deny.SelectMany(static host => ForDenial(CanonicalHost.CanonicalGlob(host)!)).Select(ValueGlob.Denial)];
        _schemes = policy.Schemes?.Select(static scheme => scheme.ToLowerInvariant()).ToFrozenSet(StringComparer.Ordinal) ?? Web;
    }

    /// <summary>Adds what does not hold for a URL.</summary>
    public void Check(string text, ArgumentRule rule, ArgumentFindings findings)
    {
        if (CanonicalUrl.TryRead(text, out var url) is { } mistake)
        {
            rule.Fail(findings, "arguments/url", "url", mistake, isUnreadable: true);
            return;
        }

        var (scheme, host, port) = url!;
        if (scheme is null ? _policy.Schemes is not null : !_schemes.Contains(scheme))
        {
            rule.Fail(findings, "arguments/url", "url.schemes", "has another scheme, or none");
        }

        if (_policy.Ports is { } ports ? port is not { } said || !ports.Contains(said) : port is not null && port != CanonicalUrl.PortOf(scheme!))
        {
            rule.Fail(findings, "arguments/url", "url.ports", "has another port");
        }

        if (ValueGlob.AnyMatches(_deny, host.Name, ValueGlob.SkeletonOf(host.Shown)))
        {
            rule.Fail(findings, "arguments/url", "url.deny", "is denied");
        }

        var isNamed = _hosts?.Names(host) == true;
        if (host.IsPrivate && !_policy.AllowPrivate && !isNamed)
        {
            rule.Fail(findings, "arguments/url", "url.allowPrivate", "leads to a private or reserved address");
        }

        if (_hosts?.Has(host) == false)
        {
            rule.Fail(findings, "arguments/url", "url.hosts", "leads to another host");
        }
    }

    /// <summary>A denied host with all below it, in both of its forms.</summary>
    private static IEnumerable<string> ForDenial(string glob)
    {
        var shown = string.Join('.', glob.Split('.').Select(CanonicalHost.Unicode));
        string[] forms = string.Equals(shown, glob, StringComparison.Ordinal) ? [glob] : [glob, shown];
        return forms.SelectMany(static form => new[] { form, $"*.{form}" });
    }
}
