using Aegis.AspNetCore.Sessions;
using CsCheck;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace Aegis.AspNetCore.Tests.Sessions;

public class SessionReaderTests
{
    private static readonly AegisSessionOptions Options = new() { TenantClaim = "tid" };
    private static readonly string[] Names = ["a", "b", "ab", "a b", "acme", "https://a b", "a:b"];
    private static readonly string[] Ids = ["a", "b", "ab", "a:b", "A"];

    [Fact]
    public void TenantPrincipalAndIdAreTheSession() =>
        Assert.Equal((new SessionId("c1", "ada", "acme"), null), Reader(Options).Read(Request("ada", "acme", "c1")));

    [Fact]
    public void TwoRequestsAreOfOneSessionOnlyIfAllThreeAreTheSame()
    {
        var reader = Reader(Options);
        var names = Gen.Int[0, 6].Select(static n => Names[n]);
        var ids = Gen.Int[0, 4].Select(static n => Ids[n]);
        var one = Gen.Select(names, names, ids);
        Gen.Select(one, one).Sample((first, second) =>
        {
            var (left, right) = (reader.Read(Request(first.Item1, first.Item2, first.Item3)).Session, reader.Read(Request(second.Item1, second.Item2, second.Item3)).Session);
            return (first == second) == (left == right) && (left == right) == (left.ToStorageKey() == right.ToStorageKey());
        });
    }

    [Fact]
    public void NobodyIsAnybodyWithoutVisitors()
    {
        Assert.Equal(SessionRefusal.NoPrincipal, Reader(new()).Read(Request(null, null, "c1")).Refusal);
        Assert.Equal(SessionRefusal.NoPrincipal, Reader(new()).Read(Request(null, null, "no id")).Refusal);   // says nothing more to strangers
    }

    [Fact]
    public void AUserWithoutANameIsNoVisitor()
    {
        var request = Requests.Of(Requests.SignedIn(("email", "ada@example.com")));
        Assert.Equal(SessionRefusal.BadPrincipal, Reader(new() { Anonymous = AnonymousUsers.Visitor }).Read(request).Refusal);
    }

    [Fact]
    public void VisitorsHaveTheTenantThatTheHostSays()
    {
        var (session, refusal) = Reader(new() { Anonymous = AnonymousUsers.Visitor, Tenant = static context => context.Request.Host.Host }).Read(Request(null, null, "c1"));
        Assert.Null(refusal);
        Assert.Equal(("c1", "acme.example"), (session.Id, session.Tenant));
        Assert.StartsWith("visitor-", session.Principal, StringComparison.Ordinal);
    }

    [Fact]
    public void TheHostNamesThePlaces()
    {
        var request = Requests.Of(Requests.SignedIn(("sub", "ada")));
        request.Request.RouteValues["thread"] = "c1";
        Assert.Equal("c1", Reader(new() { RouteValue = "thread" }).Read(request).Session.Id);

        request = Requests.Of(Requests.SignedIn(("sub", "ada")));
        request.Request.Headers["X-Thread"] = "c2";
        Assert.Equal("c2", Reader(new() { Header = "X-Thread" }).Read(request).Session.Id);
        Assert.Empty(request.Response.Headers);
        var id = Reader(new() { Header = "X-New" }).Read(request).Session.Id;
        Assert.Equal(id, request.Response.Headers["X-New"]);
    }

    private static SessionReader Reader(AegisSessionOptions options) => new(
        new(options),
        options.Anonymous == AnonymousUsers.Visitor ? new(new EphemeralDataProtectionProvider(), options, TimeProvider.System) : null,
        new(options));

    private static DefaultHttpContext Request(string? principal, string? tenant, string id)
    {
        var request = principal is null ? Requests.Of() : Requests.Of(Requests.SignedIn(("sub", principal), ("tid", tenant!)));
        request.Request.Host = new("acme.example");
        request.Request.RouteValues["conversationId"] = id;
        return request;
    }
}
