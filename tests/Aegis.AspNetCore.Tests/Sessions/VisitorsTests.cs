using System.Buffers.Text;
using Aegis.AspNetCore.Sessions;
using CsCheck;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.AspNetCore.Tests.Sessions;

public class VisitorsTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(10);

    private readonly FakeTimeProvider _time = new();
    private readonly EphemeralDataProtectionProvider _keys = new();
    private readonly AegisSessionOptions _options = new() { VisitorLifetime = Lifetime };
    private readonly Visitors _visitors;

    public VisitorsTests() => _visitors = new(_keys, _options, _time);

    public static TheoryData<string> ChosenNames => ["ada", "visitor-00000000000000000000000000000000", new string('A', 10_240), "AAAA", "=", "%00", "-"];

    [Fact]
    public void AVisitorComesAgainUnderTheSameName()
    {
        var (name, token) = Come(null);
        Assert.NotNull(token);
        Assert.Equal((name, null), Come(token));
        Assert.NotEqual(name, Come(null).Name);
    }

    [Fact]
    public void AVisitorDoesNotReadItsName()
    {
        var (name, token) = Come(null);
        Assert.DoesNotContain(name!["visitor-".Length..], Convert.ToHexStringLower(Base64Url.DecodeFromChars(token)), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(ChosenNames))]
    public void NobodyChoosesAName(string token) => AssertRefused(token);

    [Fact]
    public void AChangedNameIsRefused()
    {
        var token = Come(null).Token!;
        Gen.Int[0, token.Length - 2].Select(Gen.Char["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]).Sample((at, letter) =>
        {
            if (token[at] != letter)
            {
                AssertRefused($"{token[..at]}{letter}{token[(at + 1)..]}");
            }
        });
    }

    [Fact]
    public void ANameOfAnotherServerOrForAnotherPurposeIsRefused()
    {
        AssertRefused(Come(null, new(new EphemeralDataProtectionProvider(), _options, _time)).Token!);
        AssertRefused(Base64Url.EncodeToString(_keys.CreateProtector("another purpose").Protect(new byte[24])));
    }

    [Fact]
    public void InstancesThatShareKeysKnowEachOthersVisitors()
    {
        var (name, token) = Come(null);
        Assert.Equal(name, Come(token, new(_keys, _options, _time)).Name);
    }

    [Fact]
    public void ANameIsMadeNewWhileItIsUsedAndForgottenWhenItIsNot()
    {
        var (name, token) = Come(null);
        _time.Advance(Lifetime / 2);
        Assert.Equal((name, null), Come(token));
        _time.Advance(TimeSpan.FromSeconds(1));
        var renewed = Come(token);
        Assert.Equal(name, renewed.Name);
        Assert.NotNull(renewed.Token);
        _time.Advance(Lifetime / 2);
        Assert.Equal(name, Come(renewed.Token).Name);
        var (later, other) = Come(token);   // the old one is over
        Assert.NotEqual(name, later);
        Assert.NotNull(other);
    }

    [Fact]
    public void TheCookieIsForNobodyElse()
    {
        var request = Requests.Of();
        request.Request.Scheme = "https";
        _visitors.Read(request);
        var cookie = Assert.Single(request.Response.Headers.SetCookie)!;
        Assert.Contains("; path=/", cookie, StringComparison.Ordinal);
        Assert.Contains("; secure", cookie, StringComparison.Ordinal);
        Assert.Contains("; httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("; samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Equal("no-store", request.Response.Headers.CacheControl);

        var plain = Requests.Of();
        new Visitors(_keys, _options with { VisitorCookie = "__Host-visitor" }, _time).Read(plain);
        Assert.Contains("; secure", Assert.Single(plain.Response.Headers.SetCookie)!, StringComparison.Ordinal);
    }

    [Fact]
    public void AHeaderCarriesTheNameWhereCookiesAreNotKept()
    {
        var visitors = new Visitors(_keys, _options with { VisitorHeader = "X-Visitor" }, _time);
        var first = Requests.Of();
        var (name, _) = visitors.Read(first);
        Assert.Equal(0, first.Response.Headers.SetCookie.Count);

        var second = Requests.Of();
        second.Request.Headers["X-Visitor"] = first.Response.Headers["X-Visitor"];
        Assert.Equal((name, null), visitors.Read(second));

        var twice = Requests.Of();
        twice.Request.Headers["X-Visitor"] = new([first.Response.Headers["X-Visitor"], first.Response.Headers["X-Visitor"]]);
        Assert.Equal((null, SessionRefusal.BadVisitor), visitors.Read(twice));
    }

    private void AssertRefused(string token)
    {
        var request = Requests.Of();
        request.Request.Headers.Cookie = $"aegis-visitor={token}";
        var (name, refusal) = _visitors.Read(request);
        Assert.Equal((null, SessionRefusal.BadVisitor), (name, refusal));
        Assert.Contains("max-age=0", Assert.Single(request.Response.Headers.SetCookie), StringComparison.Ordinal);   // a browser would be refused for good
    }

    private (string? Name, string? Token) Come(string? token, Visitors? visitors = null)
    {
        var request = Requests.Of();
        if (token is not null)
        {
            request.Request.Headers.Cookie = $"aegis-visitor={token}";
        }

        var (name, refusal) = (visitors ?? _visitors).Read(request);
        Assert.Null(refusal);
        return (name, request.Response.Headers.SetCookie.SingleOrDefault()?.Split(';')[0].Split('=', 2)[1]);
    }
}
