using System.Net;
using Aegis.Alerting;
using Aegis.Policies;

namespace Aegis.Core.Tests.Alerting;

/// <summary>Promise P38, as far as an address shows it.</summary>
public class WebhookAddressTests
{
    [Theory]
    [InlineData("https://hooks.slack.com/services/T/B/x")]
    [InlineData("https://alerts.example.com:8443/in?a=b")]
    [InlineData("https://8.8.8.8/")]
    [InlineData("https://[2606:4700::1111]/")]
    public void PublicAddressesMayBeSentTo(string text)
    {
        Assert.Null(WebhookAddress.TryRead(text, allowsLoopback: false, out var address));
        Assert.Equal(text, address!.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://hooks.slack.com/x")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://2130706433/")]                        // decimal
    [InlineData("https://0x7f.1/")]                            // hexadecimal
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0177.0.0.1/")]                        // octal, for some
    [InlineData("https://127.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://[::ffff:7f00:1]/")]
    [InlineData("https://[fe80::1]/")]
    [InlineData("https://[fd00::1]/")]
    [InlineData("https://[64:ff9b::10.0.0.1]/")]               // NAT64
    [InlineData("https://10.0.0.1/")]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://localhost/")]
    [InlineData("https://metadata.google.internal/")]
    [InlineData("https://intranet/")]
    [InlineData("https://127.0.0.1.nip.io/")]
    [InlineData("https://hooks.slack.com@127.0.0.1/")]         // user information
    [InlineData("https://hooks.slack.com:x@evil.example/")]
    [InlineData("https://hooks.slack.com\\@127.0.0.1/")]
    [InlineData("https://127.0.0.1%2f@hooks.slack.com/")]
    [InlineData("https://hooks。slack.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("hooks.slack.com/services")]
    [InlineData("")]
    public void OthersMayNot(string text) => Assert.NotNull(WebhookAddress.TryRead(text, allowsLoopback: false, out _));

    [Theory]
    [InlineData("http://127.0.0.1:8080/a", true)]
    [InlineData("http://localhost:8080/a", true)]
    [InlineData("https://[::1]:8080/a", true)]
    [InlineData("http://10.0.0.1/", false)]
    [InlineData("https://10.0.0.1/", false)]
    [InlineData("http://hooks.slack.com/", false)]
    public void AHostThatSaysSoMayBeSentToOnItsOwnMachineAndNowhereElse(string text, bool may) => Assert.Equal(may, WebhookAddress.TryRead(text, allowsLoopback: true, out _) is null);

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("224.0.0.1", false)]
    public void WhatANameLeadsToMustBePublic(string address, bool may) => Assert.Equal(may, WebhookAddress.MayConnect(IPAddress.Parse(address), "alerts.example.com", allowsLoopback: false));

    /// <summary>A receiver beside the app is addressed as what it is: whoever owns a public name must not lead there with it.</summary>
    [Theory]
    [InlineData("localhost", "127.0.0.1", true)]
    [InlineData("LOCALHOST", "::1", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1", true)]
    [InlineData("localhost", "10.0.0.1", false)]
    [InlineData("hooks.slack.com", "127.0.0.1", false)]
    [InlineData("127.0.0.1.example.com", "127.0.0.1", false)]
    [InlineData("localhost.example.com", "::1", false)]
    public void ThisMachineIsConnectedToByItsOwnNamesAlone(string host, string address, bool may) => Assert.Equal(may, WebhookAddress.MayConnect(IPAddress.Parse(address), host, allowsLoopback: true));

    [Theory]
    [InlineData("https://hooks.slack.com/services/x", WebhookFormat.Slack)]
    [InlineData("https://events.pagerduty.com/v2/enqueue", WebhookFormat.PagerDuty)]
    [InlineData("https://hooks.slack.com.example.com/", WebhookFormat.Generic)]
    public void AHostSaysWhatItSpeaks(string text, WebhookFormat format) => Assert.Equal(format, WebhookAddress.FormatOf(new(text)));
}
