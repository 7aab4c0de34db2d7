using System.Security.Claims;
using Aegis.AspNetCore.Sessions;

namespace Aegis.AspNetCore.Tests.Sessions;

public class UserReaderTests
{
    private static readonly UserReader Users = new(new());

    private static readonly string[] UnusableNames = ["", "a\nb", "\u0000", new('a', 513), "\ud800", "a\udc00", "\ufffd"];

    [Fact]
    public void TheSignedInUserIsThePrincipal() =>
        Assert.Equal(("ada", null), Users.ReadPrincipal(Requests.Of(Requests.SignedIn((ClaimTypes.NameIdentifier, "ada"), ("sub", "other")))));

    [Fact]
    public void TheSubjectOfATokenIsReadWhereNothingMapsIt() =>
        Assert.Equal(("ada", null), Users.ReadPrincipal(Requests.Of(Requests.SignedIn(("sub", "ada")))));

    [Fact]
    public void WhoIsNotSignedInHasNoName()
    {
        Assert.Equal((null, null), Users.ReadPrincipal(Requests.Of()));
        Assert.Equal((null, null), Users.ReadPrincipal(Requests.Of(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, "ada")]))));   // a claim that nobody has checked
    }

    [Fact]
    public void ASubjectIsOneOnlyTogetherWithItsIssuer()
    {
        string?[] names =
        [
            Users.ReadPrincipal(Requests.Of(Requests.SignedInBy("https://one.example", "sub", "42"))).Name,
            Users.ReadPrincipal(Requests.Of(Requests.SignedInBy("https://two.example", "sub", "42"))).Name,
            Users.ReadPrincipal(Requests.Of(Requests.SignedIn(("sub", "42")))).Name,
            Users.ReadPrincipal(Requests.Of(Requests.SignedIn(("sub", "https://one.example 42")))).Name,   // a name that a user of this app has chosen
        ];
        Assert.Equal("https://one.example 42", names[0]);
        Assert.Equal("42", names[2]);
        Assert.All(names, Assert.NotNull);
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Fact]
    public void AUserWithoutANameIsRefused() =>
        Assert.Equal((null, SessionRefusal.BadPrincipal), Users.ReadPrincipal(Requests.Of(Requests.SignedIn(("email", "ada@example.com")))));

    [Fact]
    public void AUserWithTwoNamesIsRefused()
    {
        Assert.Equal((null, SessionRefusal.BadPrincipal), Users.ReadPrincipal(Requests.Of(Requests.SignedIn(("sub", "ada")), Requests.SignedIn(("sub", "ben")))));
        Assert.Equal(("ada", null), Users.ReadPrincipal(Requests.Of(Requests.SignedIn(("sub", "ada")), Requests.SignedIn(("sub", "ada")))));
    }

    [Fact]
    public void ANameThatNoSessionCanHaveIsRefused() => Assert.All(UnusableNames, static name =>
    {
        Assert.Equal((null, SessionRefusal.BadPrincipal), Users.ReadPrincipal(Requests.Of(Requests.SignedIn(("sub", name)))));
        Assert.Equal((null, SessionRefusal.BadPrincipal), new UserReader(new() { Principal = _ => name }).ReadPrincipal(Requests.Of()));
        Assert.Equal((null, SessionRefusal.BadTenant), new UserReader(new() { TenantClaim = "tid" }).ReadTenant(Requests.Of(Requests.SignedIn(("tid", name)))));
        Assert.Equal((null, SessionRefusal.BadTenant), new UserReader(new() { Tenant = _ => name }).ReadTenant(Requests.Of()));
    });

    [Fact]
    public void TheHostMaySayTheNameItself()
    {
        var users = new UserReader(new() { Principal = static context => context.Request.Headers["X-Gateway-User"] });
        var request = Requests.Of(Requests.SignedIn(("sub", "gateway")));
        Assert.Equal((null, null), users.ReadPrincipal(request));
        request.Request.Headers["X-Gateway-User"] = "ada";
        Assert.Equal(("ada", null), users.ReadPrincipal(request));
    }

    [Fact]
    public void ATenantIsAskedForOfWhoeverIsSignedIn()
    {
        var users = new UserReader(new() { TenantClaim = "tid" });
        Assert.Equal(("acme", null), users.ReadTenant(Requests.Of(Requests.SignedIn(("tid", "acme")))));
        Assert.Equal((null, SessionRefusal.BadTenant), users.ReadTenant(Requests.Of(Requests.SignedIn(("sub", "ada")))));
        Assert.Equal((null, SessionRefusal.BadTenant), users.ReadTenant(Requests.Of(Requests.SignedIn(("tid", "acme"), ("tid", "other")))));
        Assert.Equal((null, null), users.ReadTenant(Requests.Of()));
        Assert.Equal((null, null), Users.ReadTenant(Requests.Of(Requests.SignedIn(("tid", "acme")))));
    }
}
