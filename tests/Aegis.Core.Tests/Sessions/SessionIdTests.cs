namespace Aegis.Core.Tests.Sessions;

public class SessionIdTests
{
    public static TheoryData<string> BadParts => ["", new string('x', SessionId.MaxLength + 1), "a\nb", "a\0", "\u001b[31m", "a\u0085b", "\u007f", "\ud800", "\udc00", "a\ud83d", "\ud83da", "\udc00\ud83d", "\ud83d\ud83d\ude00"];

    [Theory, MemberData(nameof(BadParts), DisableDiscoveryEnumeration = true)]
    public void EveryPartHasSensibleCharacters(string part)
    {
        Assert.Throws<ArgumentException>("id", () => new SessionId(part));
        Assert.Throws<ArgumentException>("principal", () => new SessionId("id", part));
        Assert.Throws<ArgumentException>("tenant", () => new SessionId("id", null, part));
        Assert.Throws<ArgumentException>("id", () => SessionId.Conversation(part));
        Assert.Throws<ArgumentException>(() => AegisScope.Begin(part));
    }

    [Fact]
    public void AnIdIsNotOptional() => Assert.Throws<ArgumentNullException>(static () => new SessionId(null!));

    [Fact]
    public void TheLongestPartsAreTaken()
    {
        var longest = new string('é', SessionId.MaxLength);
        var id = new SessionId(longest, longest, longest);

        Assert.Equal((longest, longest, longest), (id.Id, id.Principal, id.Tenant));
    }

    [Fact]
    public void SessionsAreTheSameWhenAllPartsAndWhoNamedThemAre()
    {
        SessionId[] all = [new("a"), new("b"), new("a", "p"), new("a", null, "p"), new("a", "p", "p"), SessionId.Conversation("a"), SessionId.Anonymous("a"), SessionId.Instance("a")];

        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(new SessionId("a", "p", "t"), new SessionId("a", "p", "t"));
        Assert.NotEqual(new SessionId("a"), new SessionId("A"));
    }

    [Fact]
    public void AllSessionsOfAUserShareTheUsersAccountAndAllOfATenantTheTenants()
    {
        SessionId one = new("a", "p", "t"), other = new("b", "p", "t");

        Assert.Equal(one.PrincipalAccount, other.PrincipalAccount);
        Assert.Equal(one.TenantAccount, other.TenantAccount);
        Assert.Equal(new SessionId("a", "q", "t").TenantAccount, one.TenantAccount);
        Assert.Equal(one, new SessionId("a", "p", "t"));   // also when its accounts were asked for
        SessionId?[] all = [one, new SessionId("p"), new SessionId("t"), one.PrincipalAccount, one.TenantAccount, new SessionId("a", "p", "u").PrincipalAccount, new SessionId("a", "p").PrincipalAccount, new SessionId("a", "p", "p").TenantAccount];
        Assert.Equal(all.Length, all.Select(static id => id!.Value.ToStorageKey()).Distinct().Count());
        Assert.Null(new SessionId("a").PrincipalAccount);
        Assert.Null(new SessionId("a", "p").TenantAccount);
        Assert.Null(SessionId.Conversation("a").PrincipalAccount);
        Assert.True(one.PrincipalAccount!.Value.MayBeLocked);
        Assert.False(one.TenantAccount!.Value.MayBeLocked);
    }

    [Fact]
    public async Task AnAccountOfAUserCanBeLockedAndIsNoConversation()
    {
        Assert.Equal(new SessionId("a", "p", "t").PrincipalAccount, SessionId.OfPrincipal("p", "t"));
        Assert.Equal(new SessionId("a", "p").PrincipalAccount, SessionId.OfPrincipal("p"));
        Assert.Throws<ArgumentNullException>("id", static () => SessionId.OfPrincipal(null!));
        Assert.Throws<ArgumentException>("tenant", static () => SessionId.OfPrincipal("p", "a\nb"));

        var guard = Given.Guard(Given.Open);
        Assert.Throws<ArgumentException>("session", static () => AegisScope.Begin(SessionId.OfPrincipal("p")));
        await Assert.ThrowsAsync<ArgumentException>("session", async () => await guard.InspectAsync(new UserInput("x"), SessionId.OfPrincipal("p"), Given.Cancel));
    }

    [Fact]
    public void OnlyWhatTheHostNamedMayBeLocked() =>
        Assert.Equal([true, false, false, false], [new SessionId("a").MayBeLocked, SessionId.Conversation("a").MayBeLocked, SessionId.Anonymous("a").MayBeLocked, SessionId.Instance("a").MayBeLocked]);

    [Fact]
    public async Task DefaultIsRefusedEverywhere()
    {
        var guard = Given.Guard(Given.Open);

        await Assert.ThrowsAsync<ArgumentException>("session", async () => await guard.InspectAsync(new UserInput("x"), default, Given.Cancel));
        await Assert.ThrowsAsync<ArgumentException>("session", async () => await guard.Sessions.GetAsync(default, Given.Cancel));
        await Assert.ThrowsAsync<ArgumentException>("session", async () => await guard.Sessions.QuarantineAsync(default, null, Given.Cancel));
        await Assert.ThrowsAsync<ArgumentException>("session", async () => await guard.Sessions.BanAsync(default, null, Given.Cancel));
        await Assert.ThrowsAsync<ArgumentException>("session", async () => await guard.Sessions.ReleaseAsync(default, Given.Cancel));
        Assert.Throws<ArgumentException>("session", static () => AegisScope.Begin(default(SessionId)));
    }

    [Fact]
    public void ACharacterOfTwoHalvesIsOneAndTheRefusalOfAHalfDoesNotRepeatIt()
    {
        Assert.Equal("a\ud83d\ude00b", new SessionId("a\ud83d\ude00b").Id);
        Assert.DoesNotContain("secret", Assert.Throws<ArgumentException>(static () => new SessionId("secret\ud83d")).Message, StringComparison.Ordinal);
    }
}
