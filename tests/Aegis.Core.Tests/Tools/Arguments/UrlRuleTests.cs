using Aegis.Policies;
using Aegis.Tools.Arguments;
using CsCheck;

namespace Aegis.Core.Tests.Tools.Arguments;

/// <summary>Promise P21, URLs: rules see canonical hosts, and what clients read in several ways is refused.</summary>
public class UrlRuleTests
{
    private const string Refused = "Block arguments/url";

    private static readonly ArgumentPolicy Ours = new() { Url = new() { Hosts = ["example.com", "*.example.com", "*.bücher.example"] } };
    private static readonly ArgumentPolicy Public = new() { Url = new() { Deny = ["evil.com", "bücher.de", "8.8.8.8", "*.tracker.*"] } };

    public static TheoryData<string> Honest =>
    [
        "https://example.com", "https://example.com/", "http://example.com/a?b=c#d", "HTTPS://EXAMPLE.COM/A", "https://www.example.com", "https://a.b.c.example.com/x", "https://example.com:443/", "http://example.com:80", "https://example.com./", "example.com", "www.example.com/path", "WWW.Example.Com",
        "https://example.com/a@b", "https://example.com/?email=a@b.com", "https://example.com?email=a@b.com", "https://example.com/a%20b", "https://example.com/日本語", "https://example.com/?q=http://evil.com", "https://my_bucket.example.com", "https://shop.bücher.example/", "https://shop.xn--bcher-kva.example/", "https://SHOP.BÜCHER.example",
        "https://xn--caf-dma.example.com", "https://café.example.com", "https://日本.example.com",
    ];

    /// <summary>Spoofings of a host that is allowed, and of none.</summary>
    public static TheoryData<string> Spoofed =>
    [
        // other hosts
        "https://evil.com", "https://evil-example.com", "https://example.com.evil.com", "https://examp1e.com", "https://evilexample.com", "https://example.org", "https://example.com-evil.com", "https://xexample.com", "https://example.comm",

        // user information and what looks like it
        "https://example.com@evil.com", "https://example.com:443@evil.com", "https://user:pass@example.com", "https://@example.com", "https://example.com%40evil.com", "https://example.com&@evil.com", "https://example.com?@evil.com", "https://example.com#@evil.com", "https://evil.com#@example.com", "https://evil.com?example.com", "https://evil.com/example.com", "https://example.com;@evil.com", "https://a@b@example.com",

        // backslashes, tabs, line breaks, spaces
        @"https://evil.com\.example.com", @"https://example.com\@evil.com", @"https:\\example.com", @"https:/\example.com", "https://exam\tple.com", "https://example.com\n.evil.com", "\nhttps://example.com", "https://example.com ", " https://example.com", "https://example.com/\r\nHost: evil.com", "https://exa mple.com", "https://example.com\0.evil.com", "https://exam\u200bple.com", "https://\u2066example.com",

        // schemes
        "javascript:alert(1)//example.com", "data:text/html,example.com", "file:///etc/passwd", "file://example.com/x", "ftp://example.com", "ws://example.com", "gopher://example.com", "https:example.com", "https:/example.com", "https:///example.com", "//example.com", "://example.com", "https//example.com", "http+unix://example.com", "mailto:a@example.com", "hxxps://example.com", "view-source:https://example.com", "1https://example.com",

        // ports
        "https://example.com:8443", "https://example.com:", "https://example.com:0443", "https://example.com:99999", "https://example.com:-1", "https://example.com:443x", "https://example.com:80:80", "http://example.com:443", "example.com:443", "https://example.com:+443", "https://example.com:４４３",

        // look-alikes and encodings
        "https://еxample.com", "https://exаmple.com", "https://ехаmрle.com", "https://example。com", "https://example．com", "https://ｅxample.com", "https://ⓔxample.com", "https://examplе.com", "https://xn--exmple-4nf.com", "https://example.com℀.evil.com", "https://evil.com／.example.com", "https://evil.com？.example.com", "https://evil.com＃.example.com", "https://evil.com⁄.example.com", "https://evil.com∕.example.com",
        "https://a\uFFFE.example.com", "https://a\uFDD0.example.com", "https://example%2ecom", "https://%65xample.com", "https://example.com%00.evil.com", "https://example.com%2f.evil.com", "https://exam%C2%ADple.com", "https://exam\u00adple.com", "https://faß.example.com", "https://ς.example.com", "https://xn--.example.com", "https://xn--zzzzzz99999.example.com", "https://xn--example-.example.com", "https://XN--A.example.com",

        // malformed
        "", "https://", "https://.", "https://..example.com", "https://.example.com", "https://example..com", "https://-a.example.com", "https://a-.example.com", "https://example.com..", "https://[example.com]", "https://exa[mple.com", "https://example.com]", "https://exa|mple.com", "https://*.example.com", "https://a,example.com", "https://(example.com)", "https://\"example.com\"", "'example.com'", "<https://example.com>",
    ];

    public static TheoryData<string> PrivateAddresses =>
    [
        "http://127.0.0.1", "http://127.1", "http://127.0.1", "http://2130706433", "http://0x7f000001", "http://0x7f.1", "http://0x7f.0x0.0x0.0x1", "http://0177.0.0.1", "http://017700000001", "http://127.0.0.1.", "http://00127.0.0.1", "http://0", "http://0.0.0.0", "http://10.0.0.1", "http://10.1", "http://172.16.5.4", "http://172.31.255.255", "http://192.168.1.1", "http://192.168.257", "http://169.254.169.254/latest/meta-data", "http://2852039166", "http://0xA9FEA9FE", "http://100.64.0.1", "http://198.18.0.1", "http://224.0.0.1", "http://255.255.255.255", "http://192.0.2.1",
        "http://[::1]", "http://[::]", "http://[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]", "http://[0:0:0:0:0:ffff:a9fe:a9fe]", "http://[::127.0.0.1]", "http://[fe80::1]", "http://[fe80::1%25eth0]", "http://[fe80::1%eth0]", "http://[fc00::1]", "http://[fd12:3456::1]", "http://[ff02::1]", "http://[64:ff9b::7f00:1]", "http://[64:ff9b::169.254.169.254]", "http://[2002:7f00:1::]", "http://[2002:a00:1::1]", "http://[2001:db8::1]", "http://[2001:0:1:2::3]", "http://[fec0::1]",
        "http://localhost", "http://LOCALHOST:80", "http://localhost.", "http://api.localhost", "http://printer.local", "http://metadata.google.internal", "http://intranet", "http://router.lan", "http://nas.home.arpa", "http://127.0.0.1.nip.io", "http://a.localtest.me", "localhost", "127.0.0.1", "http://①②⑦.⓪.⓪.①", "http://１２７.0.0.1", "http://127。0。0。1", "http://256.1.1.1", "http://1.2.3.4.5", "http://0x", "http://1.2.3.08", "http://1.0xffffffff", "http://4294967296", "http://[::1", "http://::1", "http://[1::2::3]", "http://[v1.x]",
    ];

    public static TheoryData<string> DeniedHosts =>
    [
        "https://evil.com", "https://EVIL.COM", "https://www.evil.com", "https://evil.com.", "https://a.b.evil.com/x", "https://еvil.com", "https://evіl.com", "https://xn--vil-6ca.com/", "https://bücher.de", "https://xn--bcher-kva.de", "https://shop.bücher.de", "https://bucher.de", "https://8.8.8.8", "https://134744072", "https://0x08080808", "https://8.8.2056", "https://[::ffff:8.8.8.8]", "https://x.tracker.net", "https://a.b.tracker.net",
    ];

    [Theory, MemberData(nameof(Honest))]
    public void AnHonestUrlPasses(string url) => Assert.Equal("passes", Judged.By(Ours, url));

    [Theory, MemberData(nameof(Spoofed))]
    public void ASpoofedUrlIsRefused(string url) => Assert.Contains("arguments/url", Judged.By(Ours, url), StringComparison.Ordinal);

    [Theory, MemberData(nameof(PrivateAddresses))]
    public void APrivateAddressIsRefusedInEverySpelling(string url) => Assert.Equal(Refused, Judged.By(Public, url));

    [Theory, MemberData(nameof(DeniedHosts))]
    public void ADeniedHostIsDeniedInEverySpelling(string url) => Assert.Contains("arguments/url", Judged.By(Public, url), StringComparison.Ordinal);

    [Theory]
    [InlineData("https://example.com")]
    [InlineData("http://93.184.216.34/x")]
    [InlineData("http://1572395042")]
    [InlineData("http://[2606:2800:220:1:248:1893:25c8:1946]:80/")]
    [InlineData("https://evil.com.example")]
    [InlineData("https://notevil.com")]
    [InlineData("https://ru.wikipedia.org/wiki/Ёж")]
    [InlineData("https://россия.рф")]
    [InlineData("https://例え.jp")]
    [InlineData("https://münchen.de")]
    [InlineData("https://tracker.net")]
    public void APublicHostPassesWhereAnyMay(string url) => Assert.Equal("passes", Judged.By(Public, url));

    [Fact]
    public void ThereAreEnoughOfThem() => Assert.True(Honest.Count + Spoofed.Count + PrivateAddresses.Count + DeniedHosts.Count >= 200, $"{Honest.Count + Spoofed.Count + PrivateAddresses.Count + DeniedHosts.Count}");

    [Fact]
    public void SchemesAndPortsCountWhenTheyAreSaid()
    {
        var rule = new ArgumentPolicy { Url = new() { Schemes = ["https", "WSS"], Ports = [443, 8443] } };
        Assert.Equal(
            ["passes", "passes", "passes", Refused, Refused, Refused, Refused],
            new[] { "https://example.com", "https://example.com:8443", "wss://example.com", "https://example.com:444", "wss://example.com:80", "ws://example.com:443", "http://example.com:8443" }.Select(url => Judged.By(rule, url).Replace(" arguments/url arguments/url", " arguments/url", StringComparison.Ordinal)));
        Assert.StartsWith(Refused, Judged.By(rule, "example.com"), StringComparison.Ordinal);
    }

    [Fact]
    public void APrivateAddressMayBeMeantWhereThePolicySaysSoOrNamesIt()
    {
        Assert.Equal("passes", Judged.By(new ArgumentPolicy { Url = new() { AllowPrivate = true } }, "http://2130706433"));
        var named = new ArgumentPolicy { Url = new() { Hosts = ["127.0.0.1", "intranet", "::1", "*.corp.example"] } };
        Assert.Equal(["passes", "passes", "passes", "passes", Refused], new[] { "http://127.0.0.1", "http://0x7f.1", "http://intranet", "http://[0:0::1]", "http://127.0.0.2" }.Select(url => Judged.By(named, url).Replace(" arguments/url arguments/url", " arguments/url", StringComparison.Ordinal)));
    }

    [Fact]
    public void ALongUrlIsRefused() => Assert.Equal(Refused, Judged.By(Public, "https://example.com/" + new string('a', CanonicalUrl.MaxLength)));

    [Fact]
    public void WhatCannotBeReadIsRefusedEvenWhereAPersonWouldBeAsked()
    {
        var rule = Ours with { Otherwise = Otherwise.Ask };
        Assert.Equal("Ask arguments/url", Judged.By(rule, "https://other.com"));
        Assert.Equal(Refused, Judged.By(rule, "https://example.com@evil.com"));
    }

    private static readonly Gen<string> Hosts = Gen.OneOf(
        Gen.OneOf("a", "example", "com", "www", "xn--bcher-kva", "bücher", "日本", "Б", "1", "0x7f", "EXAMPLE", "a-b", "_x", "127", "é", "ß", "１").Array[1, 4].Select(static labels => string.Join('.', labels)),
        Gen.UInt.Select(static address => $"{address}"),
        Gen.UInt.Select(static address => $"0x{address:x}"),
        Gen.Byte.Array[4].Select(static bytes => string.Join('.', bytes)),
        Gen.Byte.Array[16].Select(static bytes => $"[{new System.Net.IPAddress(bytes)}]"));

    [Fact]
    public void ACanonicalHostIsItsOwnCanonicalForm() => Hosts.Sample(static text =>
    {
        if (CanonicalHost.TryParse(text) is { } host)
        {
            var again = CanonicalHost.TryParse(host.Address is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } ? $"[{host.Name}]" : host.Name);
            Assert.Equal((host.Name, host.IsPrivate, host.Shown), (again?.Name, again?.IsPrivate, again?.Shown));
        }
    }, iter: 20_000);

    [Fact]
    public void WhereTheRuntimeReadsAUrlTooItReadsTheSameHost() => Gen.Select(Hosts, Gen.OneOf("", ":80", ":8080", "/x", "?q", "#f", "/@x")).Sample(static (host, rest) =>
    {
        if (CanonicalUrl.TryRead($"http://{host}{rest}", out var url) is null && url is not null && Uri.TryCreate($"http://{host}{rest}", UriKind.Absolute, out var uri) && System.Text.Ascii.IsValid(uri.IdnHost))   // it leaves a name with an underscore as it is
        {
            Assert.Equal(url.Host.Name, url.Host.Address is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } ? System.Net.IPAddress.Parse(uri.Host).ToString()
                : uri.Host.StartsWith('[') ? System.Net.IPAddress.Parse(uri.Host).MapToIPv4().ToString() : uri.IdnHost.ToLowerInvariant().TrimEnd('.'));
            Assert.Equal(url.Port, uri.Port);
        }
    }, iter: 20_000);

    [Fact]
    public void EverySpellingOfAnAddressIsThatAddress() => Gen.UInt.Sample(static address =>
    {
        var (a, b, c, d) = (address >> 24, (address >> 16) & 255, (address >> 8) & 255, address & 255);
        string[] spellings = [$"{a}.{b}.{c}.{d}", $"{address}", $"0x{address:x}", $"{a}.{address & 0xFFFFFF}", $"{a}.{b}.{address & 0xFFFF}", $"0x{a:X}.0x{b:x}.0x{c:x}.0x{d:x}", $"[::ffff:{a}.{b}.{c}.{d}]", $"{a}.{b}.{c}.{d}."];
        Assert.All(spellings, spelling => Assert.Equal($"{a}.{b}.{c}.{d}", CanonicalHost.TryParse(spelling)?.Name));
    }, iter: 2_000);
}
