using Aegis.AspNetCore.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Aegis.AspNetCore.Tests.Sessions;

public class OptionsCheckTests
{
    public static TheoryData<AegisSessionOptions> Contradictions =>
    [
        new AegisSessionOptions { PrincipalClaims = [] },
        new AegisSessionOptions { PrincipalClaims = ["sub", ""] },
        new AegisSessionOptions { TenantClaim = "tid", Tenant = static _ => null },
        new AegisSessionOptions { TenantClaim = " " },
        new AegisSessionOptions { RouteValue = null, Header = null },
        new AegisSessionOptions { Header = "" },
        new AegisSessionOptions { Header = "X-Id", VisitorHeader = "x-id" },
        new AegisSessionOptions { VisitorCookie = "" },
        new AegisSessionOptions { Anonymous = (AnonymousUsers)7 },
        new AegisSessionOptions { VisitorLifetime = TimeSpan.FromSeconds(59) },
    ];

    [Theory, MemberData(nameof(Contradictions))]
    public void OptionsThatContradictThemselvesEndTheStart(AegisSessionOptions options) => Assert.Throws<ArgumentException>(() => OptionsCheck.Checked(options));

    [Fact]
    public void OptionsOfWhoNamesUsersItselfNeedNoClaim() => Assert.Empty(OptionsCheck.Checked(new() { PrincipalClaims = [], Principal = static _ => "ada" }).PrincipalClaims);

    [Fact]
    public async Task VisitorsNeedKeys()
    {
        var app = new ApplicationBuilder(new ServiceCollection().AddLogging().BuildServiceProvider());
        Assert.Contains("AddDataProtection", Assert.Throws<InvalidOperationException>(() => app.UseAegisSession(new() { Anonymous = AnonymousUsers.Visitor })).Message, StringComparison.Ordinal);
        await using var services = new ServiceCollection().AddLogging().AddDataProtection().Services.BuildServiceProvider();
        Assert.NotNull(new ApplicationBuilder(services).UseAegisSession(new() { Anonymous = AnonymousUsers.Visitor }));
    }
}
